import { addAll, type JsonObject } from '@signalbox/kit';
import type { EncodeContext } from './encode-context.ts';
import type { Draft } from './encode-messages.ts';
import { isObject } from './wire.ts';

/**
 * Makes every run of calls be followed by one user turn that starts with exactly their results, as Anthropic demands: a
 * missing result is synthesised, an orphan becomes text. A run that is in order keeps its messages and its order.
 */
export function pairToolResults(drafts: readonly Draft[], context: EncodeContext): Draft[] {
  const out: Draft[] = [];
  let at = 0;
  let calls: string[] = [];
  while (at < drafts.length || calls.length > 0) {
    const run = runFrom(drafts, at);
    at += run.length;
    const role = run[0]?.role;
    if (role === 'user' && (inOrder(run, calls) || calls.length === 0)) {
      addAll(out, calls.length === 0 ? run.map((draft) => withoutOrphans(draft, context)) : run);
    } else if (role === 'user') {
      out.push(regroup(run, calls, context));
    } else {
      // No user turn follows the calls: their results are all missing.
      if (calls.length > 0) out.push(regroup([], calls, context, out.at(-1)?.path));
      addAll(out, run);
    }
    calls = role === 'assistant' ? idsOf(run, 'tool_use', 'id') : [];
  }
  return out;
}

function runFrom(drafts: readonly Draft[], from: number): Draft[] {
  let to = from;
  while (to < drafts.length && drafts[to]?.role === drafts[from]?.role) to++;
  return drafts.slice(from, to);
}

function idsOf(run: readonly Draft[], type: string, key: string): string[] {
  return run.flatMap(({ content }) =>
    content.filter((block) => block.type === type).map((block) => String(block[key])),
  );
}

/** Whether the run starts with a result for every call, in any order, and holds no other. */
function inOrder(run: readonly Draft[], calls: readonly string[]): boolean {
  const blocks = run.flatMap(({ content }) => content);
  const open = new Set(calls);
  for (const block of blocks) {
    if (block.type !== 'tool_result') {
      if (open.size > 0) return false;
    } else if (!open.delete(String(block.tool_use_id))) return false;
  }
  return open.size === 0;
}

function regroup(run: readonly Draft[], calls: readonly string[], context: EncodeContext, path = 'messages'): Draft {
  const results = new Map<string, JsonObject>();
  const rest: JsonObject[] = [];
  const where = run[0]?.path ?? path;
  const wanted = new Set(calls);
  let moved = false;
  for (const block of run.flatMap(({ content }) => content)) {
    const id = block.type === 'tool_result' ? String(block.tool_use_id) : undefined;
    if (id === undefined) rest.push(block);
    else if (wanted.has(id) && !results.has(id)) {
      moved ||= rest.length > 0;
      results.set(id, block);
    } else addAll(rest, orphanAsText(block, where, context));
  }
  if (moved) context.notes.add(where, 'mapped', 'tool results come first in a message');
  const ordered = [...wanted].map((id) => {
    const result = results.get(id);
    if (result !== undefined) return result;
    context.notes.add(where, 'approximated', `the call ${id} has no result: an error stands for it`);
    return { type: 'tool_result', tool_use_id: id, content: 'no result', is_error: true };
  });
  return { role: 'user', path: where, content: [...ordered, ...rest], extensions: run[0]?.extensions };
}

function withoutOrphans(draft: Draft, context: EncodeContext): Draft {
  if (!draft.content.some(({ type }) => type === 'tool_result')) return draft;
  const content = draft.content.flatMap((block) =>
    block.type === 'tool_result' ? orphanAsText(block, draft.path, context) : [block],
  );
  return { ...draft, content };
}

/** The result of a call that is not there: its text, and whatever else a user may say. */
function orphanAsText(result: JsonObject, path: string, { notes }: EncodeContext): JsonObject[] {
  const id = String(result.tool_use_id);
  notes.add(path, 'approximated', `the result of ${id} answers no call: sent as text`);
  const head = `[result of tool call ${id}]`;
  const { content } = result;
  if (!Array.isArray(content))
    return [{ type: 'text', text: typeof content === 'string' ? `${head}\n${content}` : head }];
  const blocks = content.filter(isObject).filter(({ type }) => type !== 'tool_reference');
  return [{ type: 'text', text: head }, ...blocks];
}
