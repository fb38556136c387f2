import type { JsonObject } from '@signalbox/kit';
import { misfitsOfReply } from '../canonical.ts';
import { newTarget } from '../contexts.ts';
import { anyBytes, cut, mutateBytes } from '../mutate-bytes.ts';
import { mutateFrames } from '../mutate-frames.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { type Subject, subjects } from '../subjects.ts';
import { expectNone, orOurs, type Target } from '../target.ts';
import { collected, decodeAll, relay, tellEveryClient, tellWhole } from './answers.ts';
import { converseSubject } from './converse.ts';
import { expectSame } from './cuts.ts';

const providers: readonly Subject[] = [...subjects, converseSubject];

/** Whole answers of providers: each is decoded, or a failure of ours, and what is decoded can be told to every client. */
export const replyTargets: readonly Target[] = providers.map((subject) => ({
  name: `reply ${subject.id}`,
  run: (random) => decodeReply(random, subject),
}));

/** The same for streams, cut anywhere. */
export const streamTargets: readonly Target[] = providers.map((subject) => ({
  name: `stream ${subject.id}`,
  run: (random) => decodeStream(random, subject),
}));

function decodeReply(random: Random, { format: plain, dialects, replies }: Subject): void {
  const format = random.pick([plain, ...dialects]);
  const body = JSON.parse(mutateJson(random, random.pick(replies), random.pick(providers).replies)) as JsonObject;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  const reply = orOurs(() => format.decodeReply(body, newTarget(format, 'theirs')));
  format.inspectReply(body);
  if (reply === undefined) return;
  expectNone(misfitsOfReply(reply));
  tellWhole(random, reply);
}

function decodeStream(random: Random, subject: Subject): void {
  const format = random.pick([subject.format, ...subject.dialects]);
  const bytes = streamBytes(random, subject);
  const chunks = cut(random, bytes);
  const events = decodeAll(format, chunks);
  if (chunks.length > 1) expectSame(events, decodeAll(format, [bytes]));
  const reply = collected(events);
  if (reply !== undefined) expectNone(misfitsOfReply(reply));
  tellEveryClient(random, events);
  if (subject.id !== converseSubject.id) relay({ ...subject, format }, chunks);
}

function streamBytes(random: Random, { streams }: Subject): Buffer {
  if (random.chance(0.03)) return anyBytes(random);
  const frames = random.pick(streams);
  const others = random.chance(0.2) ? random.pick(providers).streams : streams;
  if (random.chance(0.1)) return mutateBytes(random, Buffer.concat(frames.data.map(frames.print)));
  return mutateFrames(random, frames, others);
}
