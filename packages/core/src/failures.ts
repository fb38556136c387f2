import { formatTarget, SignalboxError, type Target } from '@signalbox/kit';
import { nameTarget, saysTargets } from './name-target.ts';

const MAX_LISTED = 8;
const MAX_REASON_CHARS = 200;

/** What clients act on wherever the words stand is told in others: it holds for one target, and not for the request. */
const IN_OTHER_WORDS: Readonly<Record<string, string>> = {
  CONTEXT_OVERFLOW: 'the prompt is longer than its window',
  IMAGE_REJECTED: 'it does not take the images',
};

interface Failure {
  readonly target: Target;
  readonly error: SignalboxError;
  /** An admission refused: the provider was not called. */
  readonly skipped: boolean;
  /** The failure that the plan passes on at once. */
  readonly final: boolean;
}

/** Why the targets of one plan have failed, and which of it the client is told. */
export class Failures {
  readonly #chosen: string | undefined;
  readonly #all: Failure[] = [];

  /** `chosen`: the target that the request was meant for. What only another one refuses says nothing of the request. */
  constructor(chosen: Target | undefined) {
    this.#chosen = chosen === undefined ? undefined : formatTarget(chosen);
  }

  isChosen(target: Target): boolean {
    return formatTarget(target) === this.#chosen;
  }

  /** The last failure of a target that is not tried again. */
  add(failure: Failure): void {
    this.#all.push(failure);
  }

  /**
   * The failure that the client can do most about: what the chosen target refused for good, else what may be over soon,
   * with the shortest wait of all, else what lasts, that of the chosen target first. Its message names every target.
   */
  worst(): { readonly error: SignalboxError; readonly target: Target } | undefined {
    const [told] = [...this.#all].sort((a, b) => this.#rank(a) - this.#rank(b));
    if (told === undefined || this.#all.length === 1) return told;
    // A client acts on the very words of it.
    if (this.isChosen(told.target) && isAboutRequest(told.error)) return told;
    const { error, target } = told;
    const passing = isPassing(error) ? this.#all.filter((one) => isPassing(one.error)) : [told];
    const wait = Math.min(...passing.map((one) => one.error.retryAfterSeconds ?? Number.POSITIVE_INFINITY));
    const { code, status, retryable, shouldRetry, cause } = error;
    return {
      target,
      error: saysTargets(
        new SignalboxError(code, this.#list(), {
          status,
          retryable,
          ...(Number.isFinite(wait) ? { retryAfterSeconds: wait } : {}),
          ...(shouldRetry === undefined ? {} : { shouldRetry }),
          ...(cause === undefined ? {} : { cause }),
        }),
      ),
    };
  }

  #rank({ target, error, skipped, final }: Failure): number {
    const chosen = this.isChosen(target);
    if (final && chosen) return 0;
    if (isPassing(error)) return skipped ? 2 : 1;
    if (chosen) return 3;
    return isAboutRequest(error) ? 6 : skipped ? 5 : 4;
  }

  #list(): string {
    const reasons = [...new Set(this.#all.map(reasonOf))];
    const listed = reasons.slice(0, MAX_LISTED);
    const more = reasons.length - listed.length;
    return `No target could answer. ${listed.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
  }
}

/** Whether the same request may succeed in a while. */
function isPassing({ status, shouldRetry }: SignalboxError): boolean {
  if (shouldRetry === false || status === 501) return false;
  return status >= 500 || status === 429 || status === 408 || status === 409;
}

/** Whether it says that this target cannot take the request as it is; another one may. */
export function isAboutRequest({ status, code }: SignalboxError): boolean {
  return status >= 400 && status < 500 && code !== 'PROVIDER_BILLING' && code !== 'MODEL_NOT_FOUND' && status !== 429;
}

function reasonOf({ target, error }: Failure): string {
  const words = IN_OTHER_WORDS[error.code];
  const said = words === undefined ? nameTarget(error, target, true).message : `${formatTarget(target)}: ${words}`;
  const clipped = said.length > MAX_REASON_CHARS ? `${said.slice(0, MAX_REASON_CHARS)}…` : said;
  return clipped.replace(/[.;\s]+$/, '');
}
