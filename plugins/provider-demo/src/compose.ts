import type { Block, ChatReply, ChatRequest } from '@signalbox/kit';
import { type Prompt, readPrompt, resultText } from './prompt.ts';
import { schemaExample } from './schema-example.ts';
import { wantedCalls } from './tool-wishes.ts';

const QUOTE_CHARS = 280;

/** The whole answer to a request, before any limit: the same request gives the same words. */
export function composeReply(request: ChatRequest): Pick<ChatReply, 'content' | 'stopReason'> {
  const { responseFormat } = request;
  const prompt = readPrompt(request);
  if (responseFormat !== undefined) {
    const value = responseFormat.type === 'json-schema' ? schemaExample(responseFormat.schema) : { answer: 'demo' };
    return { content: [{ type: 'text', text: JSON.stringify(value) }], stopReason: 'end-turn' };
  }
  const calls = wantedCalls(prompt.text, request);
  const content: Block[] = thinks(request, prompt)
    ? [{ type: 'reasoning', text: reasoningText(prompt, calls.length) }]
    : [];
  if (calls.length > 0) {
    const names = calls.map(({ name }) => name).join(', ');
    content.push({ type: 'text', text: `The demo provider calls ${names}, as you asked.` }, ...calls);
    return { content, stopReason: 'tool-call' };
  }
  content.push({ type: 'text', text: prompt.results.length > 0 ? aboutResults(prompt) : about(prompt) });
  return { content, stopReason: 'end-turn' };
}

function thinks({ reasoning }: ChatRequest, { text }: Prompt): boolean {
  if (reasoning?.mode === 'disabled' || reasoning?.effort === 'none' || reasoning?.display === 'omitted') return false;
  return reasoning?.mode !== undefined || reasoning?.effort !== undefined || /\bthink\b/i.test(text);
}

function reasoningText({ text, results }: Prompt, calls: number): string {
  if (calls > 0) return `The prompt names ${calls === 1 ? 'a tool' : `${calls} tools`} that I can call.`;
  if (results.length > 0) return 'The tools have answered. I quote what they said.';
  return `The prompt has ${text.length} characters. I am no model, so I say what I am.`;
}

function about({ text }: Prompt): string {
  const said = text === '' ? '' : ` You wrote:\n\n${quote(text)}`;
  return (
    `This is Signalbox’s demo provider: the gateway works, but no model has answered.${said}\n\n` +
    'For real answers set ANTHROPIC_API_KEY, OPENROUTER_API_KEY, DEEPSEEK_API_KEY or OPENAI_API_KEY and start the gateway ' +
    'again, or list a provider in signalbox.jsonc. To see a tool call, write: /tool NAME {"argument": "value"}'
  );
}

function aboutResults({ results }: Prompt): string {
  const quoted = results.map(({ tool, result }) => {
    const outcome = result.isError === true ? 'failed' : 'answered';
    return `${tool} ${outcome}:\n\n${quote(resultText(result))}`;
  });
  return `${quoted.join('\n\n')}\n\n(Quoted by Signalbox’s demo provider; no model has read it.)`;
}

function quote(text: string): string {
  const short = text.length > QUOTE_CHARS ? `${text.slice(0, QUOTE_CHARS)}…` : text;
  return short
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}
