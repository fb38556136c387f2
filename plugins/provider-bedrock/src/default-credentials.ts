import { errors, type Logger, type SignalboxError } from '@signalbox/kit';
import type { AccessKey } from './sign.ts';

/** How long one look-up may take, in ms: it goes through files, programs and servers of this machine's surroundings. */
const LIMIT_MS = 10_000;

type Chain = (options?: { forceRefresh?: boolean }) => Promise<AccessKey>;

/**
 * What AWS's own clients find where nobody gives them a key: the environment, the shared files with their profiles, SSO, a
 * program, a web identity, the container, the instance. AWS's package does all of it, is loaded with the first call, keeps
 * what it found and renews it before it expires; calls at the same time share one look-up.
 */
export class DefaultCredentials {
  readonly #options: { readonly region: string; readonly profile?: string | undefined };
  readonly #log: Logger;
  #chain: Promise<Chain> | undefined;
  /** What was found last, and what of that was refused. */
  #last: string | undefined;
  #refused: string | undefined;
  #renews = false;

  constructor(options: { readonly region: string; readonly profile?: string | undefined }, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** @throws {SignalboxError} PROVIDER_AUTH that says what to do, and nothing of what was found. */
  async find(): Promise<AccessKey> {
    const renews = this.#renews;
    let timer: NodeJS.Timeout | undefined;
    try {
      this.#chain ??= this.#load();
      const chain = await this.#chain;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('late')), LIMIT_MS);
      });
      const found = await Promise.race([chain({ forceRefresh: renews }), late]);
      if (renews) this.#renews = false;
      this.#last = `${found.accessKeyId} ${found.sessionToken}`;
      return found;
    } catch (error) {
      throw this.#failure(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Bedrock says that what was found last is not valid any more, as when another program has written new ones into a file.
   * @returns whether a next call may do better: they are looked up anew, once for each.
   */
  expired(): boolean {
    if (this.#last === undefined) return false;
    if (this.#last === this.#refused) return this.#renews;
    this.#refused = this.#last;
    this.#renews = true;
    return true;
  }

  async #load(): Promise<Chain> {
    const { region, profile } = this.#options;
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    const none = (): void => {};
    return defaultProvider({
      ...(profile === undefined ? {} : { profile }),
      // Files are read anew with each look-up.
      ignoreCache: true,
      parentClientConfig: { region },
      logger: { debug: none, info: none, error: none, warn: (text: string) => this.#log.warn({}, text) },
    });
  }

  /** AWS's words may quote files, programs and what they printed: they are for nobody's eyes. */
  #failure(error: unknown): SignalboxError {
    const { name = '', message = '' } = error instanceof Error ? error : {};
    this.#log.warn({ reason: name }, 'no AWS credentials were found');
    const { profile } = this.#options;
    const login = `run "aws sso login${profile === undefined ? '' : ` --profile ${profile}`}"`;
    if (/sso session|sso login|token is expired/i.test(message)) {
      return errors.providerAuth(`The AWS session of the gateway has expired: ${login} on its machine.`);
    }
    const what = message === 'late' ? `were not found within ${LIMIT_MS} ms` : 'were not found';
    const where =
      profile === undefined
        ? 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE in the gateway’s environment, give its machine a role'
        : `Check the profile "${profile}" in the AWS files of the gateway’s user, ${login} if it uses SSO`;
    return errors.providerAuth(
      `AWS credentials for Bedrock ${what}. ${where}, or configure "accessKeyId" or "apiKey".`,
    );
  }
}
