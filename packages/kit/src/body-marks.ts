import { type BodyMarks, type Exchange, stateKey } from './exchange.ts';
import { TextSearch } from './text-search.ts';

const searched = stateKey(() => new Map<string, boolean>());
/** Marks are the constants of plugins: there are some dozens. */
const searches = new Map<string, TextSearch>();

type Received = Pick<Exchange, 'rawBody' | 'state'> & { readonly bodyMarks?: BodyMarks | undefined };

/**
 * Whether the received bytes hold this text, searched once per exchange, whoever asks. In JSON a quoted text is a whole
 * string: the quotes inside of others are escaped. What is not there need not be decoded for.
 * @param text ASCII, a constant: its search is prepared once and kept.
 */
export function bodyHolds(exchange: Received, text: string): boolean {
  if (exchange.bodyMarks?.mayHold(text) === false) return false;
  const answers = exchange.state(searched);
  let holds = answers.get(text);
  if (holds === undefined) {
    holds = searchFor(text).indexIn(exchange.rawBody) !== -1;
    answers.set(text, holds);
  }
  return holds;
}

function searchFor(text: string): TextSearch {
  let search = searches.get(text);
  if (search === undefined) {
    search = new TextSearch(text);
    searches.set(text, search);
  }
  return search;
}
