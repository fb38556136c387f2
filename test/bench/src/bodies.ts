/** The two sizes a client asks with. The large one is shaped like a coding agent's turn: many tools, long history. */
export type BodySize = '1 KB' | '100 KB';

const BYTES: Record<BodySize, number> = { '1 KB': 1024, '100 KB': 100 * 1024 };
const TOOLS = 24;

/** An Anthropic Messages request of that many bytes (within one percent), always the same for the same arguments. */
export function requestBody(size: BodySize, model: string, stream: boolean): string {
  return JSON.stringify(size === '1 KB' ? smallRequest(model, stream) : agentRequest(model, stream));
}

function smallRequest(model: string, stream: boolean) {
  const request = {
    model,
    max_tokens: 1024,
    system: prose(200, 1),
    messages: [{ role: 'user', content: '' }],
    metadata: { user_id: 'bench' },
    stream,
  };
  request.messages = [{ role: 'user', content: prose(BYTES['1 KB'] - JSON.stringify(request).length, 2) }];
  return request;
}

function agentRequest(model: string, stream: boolean) {
  const cache_control = { type: 'ephemeral' };
  const messages: object[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: `<reminder>\n${markdown(4000, 3)}\n</reminder>` },
        { type: 'text', text: 'Make the failing test of the points machine pass.' },
      ],
    },
  ];
  const request = {
    model,
    max_tokens: 32_000,
    system: [
      { type: 'text', text: 'You are a coding agent in a terminal.', cache_control },
      { type: 'text', text: markdown(11_000, 4), cache_control },
    ],
    tools: Array.from({ length: TOOLS }, (_, index) => tool(index)),
    messages,
    metadata: { user_id: 'user_bench_account__session_00000000-0000-4000-8000-000000000000' },
    stream,
  };
  let missing = BYTES['100 KB'] - Buffer.byteLength(JSON.stringify(request));
  for (let turn = 0; missing > 400; turn++) {
    const added = toolTurn(turn, Math.min(2400, missing - 380));
    messages.push(...added);
    missing -= JSON.stringify(added).length;
  }
  return request;
}

/** The assistant calls a tool, and the user's message brings its result. */
function toolTurn(turn: number, resultBytes: number): object[] {
  const id = `toolu_bench${String(turn).padStart(12, '0')}`;
  const call = {
    type: 'tool_use',
    id,
    name: `Tool${turn % TOOLS}`,
    input: { path: `/project/src/file-${turn}.ts`, limit: 200 },
  };
  return [
    { role: 'assistant', content: [{ type: 'text', text: prose(60, turn) }, call] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: code(resultBytes, turn) }] },
  ];
}

function tool(index: number) {
  const properties: Record<string, object> = {};
  for (let at = 0; at <= index % 5; at++) {
    properties[`parameter_${at}`] =
      at % 2 === 0
        ? { type: 'string', description: prose(120, index + at) }
        : {
            type: 'array',
            items: { type: 'object', properties: { id: { type: 'integer', minimum: 0 } }, required: ['id'] },
          };
  }
  return {
    name: `Tool${index}`,
    description: markdown(400 + (index % 6) * 350, index),
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties,
      required: ['parameter_0'],
      additionalProperties: false,
    },
  };
}

const VOCABULARY =
  'signal lever frame block train section route points lock clear danger caution distant home starter track circuit bell code relay'.split(
    ' ',
  );

/** Plain words, `bytes` long, different for each seed. */
function prose(bytes: number, seed: number): string {
  let text = '';
  for (let at = seed * 7; text.length < bytes; at += 1 + (at % 5)) text += `${VOCABULARY[at % VOCABULARY.length]} `;
  return text.slice(0, Math.max(0, bytes));
}

/**
 * Prose with line ends, and here and there what makes a body dear: quotes, which JSON has to escape, and a dash, because
 * one character outside ASCII makes a string two bytes wide. Both are about as frequent as in a real agent's prompt.
 */
function markdown(bytes: number, seed: number): string {
  let text = '';
  for (let line = 0; text.length < bytes; line++) {
    const lead = prose(20, seed + line);
    text += `- ${line % 6 === 0 ? `"${lead}"` : lead}${line % 4 === 0 ? ' — ' : ': '}${prose(90, seed + line * 3)}\n`;
  }
  return text.slice(0, bytes);
}

/** Numbered lines, as a tool that reads files answers. Escapes make it longer on the wire, so it is cut shorter. */
function code(bytes: number, seed: number): string {
  let text = '';
  for (let line = 1; text.length < bytes; line++) {
    const value = line % 4 === 0 ? `"${prose(18, line)}"` : `sum(${line}, ${seed})`;
    text += `${String(line).padStart(6)}\tconst ${VOCABULARY[(seed + line) % VOCABULARY.length]} = read(${value});\n`;
  }
  return text.slice(0, Math.max(0, Math.floor(bytes * 0.94)));
}
