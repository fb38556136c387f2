import {
  type Block,
  type ChatReply,
  errors,
  type JsonObject,
  type JsonValue,
  type TargetContext,
} from '@signalbox/kit';
import { isObject, objectOf, text } from './fields.ts';
import { decodeEnd } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

/** @throws {SignalboxError} MALFORMED_REPLY, EMPTY_REPLY, or PROVIDER_FAILED for spoilt output. */
export function decodeReply(body: JsonObject, target: TargetContext): ChatReply {
  const { message } = objectOf(body.output);
  if (!isObject(message) || !Array.isArray(message.content)) {
    throw errors.malformedReply('The provider answered without a message.');
  }
  const content = message.content.flatMap((value, index) => decodeBlock(value, `content[${index}]`, target));
  const usage = decodeUsage(body.usage);
  const toolCalls = content.filter(({ type }) => type === 'tool-call').length;
  return {
    content,
    ...decodeEnd(
      text(body.stopReason),
      body.additionalModelResponseFields,
      { blocks: content.length, toolCalls },
      target.notes,
    ),
    ...(usage === undefined ? {} : { usage }),
  };
}

function decodeBlock(value: JsonValue, path: string, target: TargetContext): Block[] {
  const block = objectOf(value);
  if (typeof block.text === 'string') return block.text === '' ? [] : [{ type: 'text', text: block.text }];
  if (isObject(block.toolUse)) return [decodeCall(block.toolUse, target)];
  if (isObject(block.reasoningContent)) return decodeReasoning(block.reasoningContent, target);
  const { citationsContent } = block;
  if (isObject(citationsContent)) {
    target.notes.add(`${path}.citations`, 'dropped', 'citations are not translated');
    const parts = Array.isArray(citationsContent.content) ? citationsContent.content : [];
    const said = parts.map((part) => text(objectOf(part).text) ?? '').join('');
    return said === '' ? [] : [{ type: 'text', text: said }];
  }
  const [kind] = Object.keys(block);
  if (kind !== undefined) target.notes.add(path, 'dropped', `a ${kind} block in a reply is not translated`);
  return [];
}

function decodeCall({ toolUseId, name, input }: JsonObject, { toolNames }: TargetContext): Block {
  const said = text(name);
  const id = text(toolUseId);
  if (said === undefined || id === undefined) {
    throw errors.malformedReply('The provider sent a tool call without a name or an id.');
  }
  return { type: 'tool-call', id, name: toolNames.original(said), input: input ?? {} };
}

function decodeReasoning(content: JsonObject, { reasoningOrigin: origin }: TargetContext): Block[] {
  const redacted = text(content.redactedContent);
  if (redacted !== undefined) {
    return [{ type: 'reasoning', text: '', state: { origin, data: redacted }, redacted: true }];
  }
  const { text: said, signature } = objectOf(content.reasoningText);
  const signed = text(signature);
  const thought = text(said) ?? '';
  if (thought === '' && signed === undefined) return [];
  // Without a signature it is still known whose it is.
  return [{ type: 'reasoning', text: thought, state: { origin, data: signed ?? {} } }];
}
