import { type Block, type JsonObject, wordOf } from '@signalbox/kit';
import { encodeDocument, encodeImage, headingOf } from './encode-media.ts';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

/**
 * The parts of a user's blocks, in order. Empty text is left out, because some servers refuse it.
 * @param first the place of the first block in what `path` names.
 * @throws {SignalboxError} UNSUPPORTED for media that cannot be sent.
 */
export function encodeParts(blocks: readonly Block[], path: string, encoding: Encoding, first = 0): JsonObject[] {
  return blocks.flatMap((block, index) => encodePart(block, `${path}[${first + index}]`, encoding));
}

function encodePart(block: Block, path: string, encoding: Encoding): JsonObject[] {
  if (block.type === 'opaque') {
    if (block.format === ID) return [block.value];
    encoding.target.notes.add(
      path,
      'approximated',
      `a ${wordOf(block.value.type)} block of ${block.format} is sent as its JSON text`,
    );
    return [{ text: JSON.stringify(block.value) }];
  }
  encoding.target.notes.foreignExtensions(block.extensions, ID, path);
  encoding.noteCache(block, path);
  switch (block.type) {
    case 'text':
      return block.text === '' ? [] : [{ text: block.text, ...block.extensions?.[ID] }];
    case 'image':
      return [encodeImage(block, path, encoding)];
    case 'document':
      return block.source.type === 'content'
        ? [...headingOf(block), ...encodeParts(block.source.content, `${path}.source.content`, encoding)]
        : encodeDocument(block, block.source, path, encoding);
    default:
      encoding.target.notes.add(path, 'dropped', `a ${block.type} block cannot stand here`);
      return [];
  }
}
