import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { replaceModel, scanBody } from './body-scan.ts';

const scan = (text: string) => scanBody(Buffer.from(text));

describe('scanBody', () => {
  it('reads the top-level model and stream, not nested ones', () => {
    const body = '{"messages":[{"model":"no","stream":true}],"x":{"model":"no"},"model":"yes","stream":false}';
    expect(scan(body)).toMatchObject({ model: 'yes', stream: false, depth: 3, ambiguous: false });
    expect(scan('{"model": "m" , "stream" : true }')).toMatchObject({ model: 'm', stream: true });
  });

  it('is not fooled by strings that look like keys', () => {
    expect(scan('{"a":"model","b":"\\"model\\":\\"x\\"","model":"m\\"\\\\"}')).toMatchObject({ model: 'm"\\' });
    expect(scan('{"system":"stream","stream":null}')).toMatchObject({ model: undefined, stream: false });
  });

  it('calls doubled keys, cut bodies and arrays ambiguous', () => {
    expect(scan('{"model":"a","model":"b"}').ambiguous).toBe(true);
    expect(scan('{"model":"a","mod\\u0065l":"b"}').ambiguous).toBe(true);
    expect(scan('{"model":"a","stream":true,"stream":false}').ambiguous).toBe(true);
    expect(scan('{"model":"a"').ambiguous).toBe(true);
    expect(scan('{"model":"a').ambiguous).toBe(true);
    expect(scan('[{"model":"a"}]').ambiguous).toBe(true);
    expect(scan('').model).toBeUndefined();
  });

  it('agrees with a parser on any JSON object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.boolean(), (rest, model, stream) => {
        const body = { ...rest, model, stream };
        const found = scan(JSON.stringify(body, null, 1));
        const escaped = Object.keys(rest).some((key) => JSON.stringify(key).includes('\\'));
        expect(found).toMatchObject({ model, stream });
        if (!escaped) expect(found.ambiguous).toBe(false);
      }),
    );
  });

  it('notices empty strings', () => {
    expect(scan('{"model":"m","x":[{"signature":""}]}').emptyString).toBe(true);
    expect(scan('{"model":"m","x":"\\"\\"","y":[]}').emptyString).toBe(false);
  });

  it('notices strings that the gateway may have packed, and no others', () => {
    expect(scan('{"model":"m","x":[{"s":"signalbox1.a.b"}]}').marked).toBe(true);
    expect(scan('{"model":"m","x":"a signalbox1.","signal":"signalbo"}').marked).toBe(false);
  });

  it('replaces the model and no other byte', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (rest, model) => {
        const raw = Buffer.from(JSON.stringify({ ...rest, model: 'before' }));
        const replaced = replaceModel(raw, scanBody(raw), model);
        expect(JSON.parse(replaced.toString())).toEqual(JSON.parse(JSON.stringify({ ...rest, model })));
      }),
    );
  });
});
