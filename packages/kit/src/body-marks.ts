import { type Exchange, stateKey } from './exchange.ts';

const searched = stateKey(() => new Map<string, boolean>());

/**
 * Whether the received bytes hold this text, searched once per exchange, whoever asks. In JSON a quoted text is a whole
 * string: the quotes inside of others are escaped. What is not there need not be decoded for.
 */
export function bodyHolds(exchange: Pick<Exchange, 'rawBody' | 'state'>, text: string): boolean {
  const answers = exchange.state(searched);
  let holds = answers.get(text);
  if (holds === undefined) {
    holds = exchange.rawBody.includes(text);
    answers.set(text, holds);
  }
  return holds;
}
