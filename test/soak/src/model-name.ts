/** `long`: its stream takes seconds. `big`: a megabyte each way. */
export type Size = 'usual' | 'long' | 'big';

/** What a model's name says about the answer that it is to get: the threads have nothing else in common. */
export interface SoakModel {
  readonly id: string;
  /** Indexes into the lists of faults and of providers. */
  readonly fault: number;
  readonly provider: number;
  readonly stream: boolean;
  readonly size: Size;
  /** 0: the first target; 1: its fallback. */
  readonly place: number;
}

const NAME = /soak(\d+)f(\d+)p(\d+)(s|w)(long|big|)(?:-(\d))?/;

export function modelName({ id, fault, provider, stream, size }: Omit<SoakModel, 'place'>): string {
  return `soak${id}f${fault}p${provider}${stream ? 's' : 'w'}${size === 'usual' ? '' : size}`;
}

export function readModel(text: string): SoakModel {
  const [, id = '', fault, provider, mode, size, place = 0] = NAME.exec(text) ?? [];
  return {
    id,
    fault: Number(fault),
    provider: Number(provider),
    stream: mode === 's',
    size: size === 'long' || size === 'big' ? size : 'usual',
    place: Number(place),
  };
}

/** The few models behind the strategies, which are to learn how these do: one of each provider, for streams and not. */
export function mixedName(provider: number, stream: boolean): string {
  return `mixed-${provider}-${stream ? 'stream' : 'whole'}`;
}

export function readMixed(text: string): Pick<SoakModel, 'provider' | 'stream'> | undefined {
  const [, provider, mode] = /mixed-(\d+)-(stream|whole)/.exec(text) ?? [];
  return provider === undefined ? undefined : { provider: Number(provider), stream: mode === 'stream' };
}
