import type { ChatRequest, Message, TextBlock, ToolResultBlock } from '@signalbox/kit';

const REMINDER = { open: '<system-reminder>', close: '</system-reminder>' };

/** What the last turn of the conversation says to the model. */
export interface Prompt {
  /** The user's own words, without what a client adds in `<system-reminder>`. */
  readonly text: string;
  readonly results: readonly { readonly tool: string; readonly result: ToolResultBlock }[];
}

/** Reads what came after the last assistant message; system messages in between are not the user's words. */
export function readPrompt({ messages }: ChatRequest): Prompt {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  const toolNames = callNames(messages[last]);
  const words: string[] = [];
  const results: { tool: string; result: ToolResultBlock }[] = [];
  for (const message of messages.slice(last + 1)) {
    if (message.role !== 'user') continue;
    for (const block of message.content) {
      if (block.type === 'text') words.push(withoutReminders(block.text).trim());
      if (block.type === 'tool-result') {
        results.push({ tool: toolNames.get(block.callId) ?? 'the tool', result: block });
      }
    }
  }
  return { text: words.filter((word) => word !== '').join('\n'), results };
}

/** In one pass: a pattern would search to the end of the text from every reminder that nothing closes. */
function withoutReminders(text: string): string {
  let kept = '';
  let from = 0;
  for (;;) {
    const start = text.indexOf(REMINDER.open, from);
    const end = start === -1 ? -1 : text.indexOf(REMINDER.close, start);
    if (end === -1) return kept + text.slice(from);
    kept += text.slice(from, start);
    from = end + REMINDER.close.length;
  }
}

function callNames(message: Message | undefined): Map<string, string> {
  const names = new Map<string, string>();
  for (const block of message?.content ?? []) if (block.type === 'tool-call') names.set(block.id, block.name);
  return names;
}

/** The text of a tool result, images and documents named. */
export function resultText({ content }: ToolResultBlock): string {
  return content.map((block) => (block.type === 'text' ? (block as TextBlock).text : `[${block.type}]`)).join('\n');
}
