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
    expect(withoutTags(text, 'anywhere')).toBe(expected);
  });

  it('leaves no tag behind that chooses, and nothing but tags and their line ends is lost', () => {
    const part = fc.constantFrom(TAG, '<CCR-SUBAGENT-MODEL>x,y</CCR-SUBAGENT-MODEL>', 'text', '\n', ' ', '<', '</b>');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const rest = withoutTags(text, 'anywhere');
        expect(tagValues(rest, 'anywhere')).toEqual([]);
        const visible = (value: string) => value.replace(/\s/g, '');
        expect(visible(rest)).toBe(visible(parts.filter((one) => !/model>/i.test(one)).join('')));
      }),
    );
  });

  it.each([
    [`${TAG}\nYou are`, 'You are', ['a/b']],
    [`\n ${TAG}${TAG} You`, 'You', ['a/b', 'a/b']],
    [`Begin with ${TAG}`, `Begin with ${TAG}`, []],
    [`${TAG} and not ${TAG}`, `and not ${TAG}`, ['a/b']],
    [`<system-reminder>${TAG}</system-reminder>`, `<system-reminder>${TAG}</system-reminder>`, []],
    [`<system-reminder>a</system-reminder>\n${TAG}b ${TAG}`, `<system-reminder>a</system-reminder>b ${TAG}`, ['a/b']],
    [`a<system-reminder>b</system-reminder>${TAG}c`, `a<system-reminder>b</system-reminder>${TAG}c`, []],
  ])('takes from %j what it begins with', (text, expected, values) => {
    expect(withoutTags(text, 'start')).toBe(expected);
    expect(tagValues(text, 'start')).toEqual(values);
  });

  it('leaves what stands in reminders, which clients add', () => {
    const reminder = `<system-reminder>CLAUDE.md says: begin with ${TAG}\n</system-reminder>`;
    const open = `<system-reminder>${TAG}`;
    const text = `${TAG}Do it. ${reminder} ${TAG}Now. ${open}`;
    expect(withoutTags(text, 'anywhere')).toBe(`Do it. ${reminder} Now. ${open}`);
    expect(tagValues(text, 'anywhere')).toEqual(['a/b', 'a/b']);
  });
});
