import { describe, expect, it } from '@jest/globals';
import { Notes } from '@signalbox/kit';
import { fakeExchange } from '@signalbox/testkit';
import { removeTags } from './remove-tags.ts';

const TAG = '<signalbox-model>a/b</signalbox-model>';
const text = (value: string) => ({ type: 'text', text: value }) as const;

describe('removeTags', () => {
  it('F61 takes out every tag of system prompt and opening, and says where', () => {
    const { request } = fakeExchange({
      request: {
        system: [text('One'), { ...text(`${TAG}\nTwo`), cacheControl: {} }],
        messages: [
          { role: 'user', content: [text('Hello'), text(`${TAG}Do it`)] },
          { role: 'user', content: [text(`${TAG}Now`)] },
          { role: 'system', content: [text(`${TAG}Be brief`)] },
          { role: 'assistant', content: [text(TAG)] },
          { role: 'user', content: [text(TAG)] },
        ],
      },
    });
    const notes = new Notes();
    expect(removeTags(request, 'anywhere', notes)).toEqual({
      ...request,
      system: [text('One'), { ...text('Two'), cacheControl: {} }],
      messages: [
        { role: 'user', content: [text('Hello'), text('Do it')] },
        { role: 'user', content: [text('Now')] },
        { role: 'system', content: [text('Be brief')] },
        ...request.messages.slice(3),
      ],
    });
    expect(notes.list.map(({ path, action }) => [path, action])).toEqual([
      ['system[1].text', 'mapped'],
      ['messages[0].content[1].text', 'mapped'],
      ['messages[1].content[0].text', 'mapped'],
      ['messages[2].content[0].text', 'mapped'],
    ]);
  });

  it('F61 leaves no blank block or message behind, and says what went with it', () => {
    const { request } = fakeExchange({
      request: {
        system: [{ ...text(`${TAG}\n`), cacheControl: { ttl: '1h' } }, text('Two')],
        messages: [
          { role: 'user', content: [text(TAG)] },
          { role: 'user', content: [text('Do it')] },
        ],
      },
    });
    const notes = new Notes();
    const after = removeTags(request, 'anywhere', notes);
    expect(after.system).toEqual([text('Two')]);
    expect(after.messages).toEqual([{ role: 'user', content: [text('Do it')] }]);
    expect(notes.list.map(({ path, action }) => [path, action])).toEqual([
      ['system[0].text', 'mapped'],
      ['system[0].cacheControl', 'mapped'],
      ['messages[0].content[0].text', 'mapped'],
    ]);
  });

  it('hands back the same request where there is nothing to take out', () => {
    const { request } = fakeExchange({ request: { system: [text('signalbox-model')] } });
    const notes = new Notes();
    expect(removeTags(request, 'anywhere', notes)).toBe(request);
    expect(notes.list).toEqual([]);
  });
});
