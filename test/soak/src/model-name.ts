/** What a model's name says about the answer that it is to get: the threads have nothing else in common. */
export interface SoakModel {
  readonly id: string;
  /** Indexes into the lists of faults and of providers. */
  readonly fault: number;
  readonly provider: number;
  readonly stream: boolean;
  /** 0: the first target; 1: its fallback. */
  readonly place: number;
}

const NAME = /soak(\d+)f(\d+)p(\d+)(s|w)(?:-(\d))?/;

export function modelName({ id, fault, provider, stream }: Omit<SoakModel, 'place'>): string {
  return `soak${id}f${fault}p${provider}${stream ? 's' : 'w'}`;
}

export function readModel(text: string): SoakModel {
  const [, id = '', fault, provider, mode, place = 0] = NAME.exec(text) ?? [];
  return { id, fault: Number(fault), provider: Number(provider), stream: mode === 's', place: Number(place) };
}
