import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tagValues, withoutTags } from './tag.ts';

const TAG = '<signalbox-model>a/b</signalbox-model>';

describe('withoutTags', () => {
  it.each([
    [TAG, ''],
    [`${TAG}\nYou are`, 'You are'],
    [`One\n  ${TAG} \r\nTwo`, 'One\nTwo'],
    [`One\n${TAG}`, 'One\n'],
    [`Please ${TAG}do it`, 'Please do it'],
    [`${TAG} do it`, ' do it'],
    [`${TAG}${TAG}\nx`, '\nx'],
    ['<CCR-SUBAGENT-MODEL>a,b</CCR-SUBAGENT-MODEL>x', 'x'],
    ['<signalbox-model>a/b</CCR-SUBAGENT-MODEL>', '<signalbox-model>a/b</CCR-SUBAGENT-MODEL>'],
    ['<signalbox-model>a/b', '<signalbox-model>a/b'],
    ['<b>x</b>', '<b>x</b>'],
  ])('%j: %j', (text, expected) => {
    expect(withoutTags(text)).toBe(expected);
  });

  it('leaves no tag behind that chooses, and nothing but tags and their line ends is lost', () => {
    const part = fc.constantFrom(TAG, '<CCR-SUBAGENT-MODEL>x,y</CCR-SUBAGENT-MODEL>', 'text', '\n', ' ', '<', '</b>');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const rest = withoutTags(text);
        expect(tagValues(rest)).toEqual([]);
        const visible = (value: string) => value.replace(/\s/g, '');
        expect(visible(rest)).toBe(visible(parts.filter((one) => !/model>/i.test(one)).join('')));
      }),
    );
  });
});
