import type { Format } from '@signalbox/kit';
import providerBedrock from '@signalbox/provider-bedrock';
import { createProvider } from '@signalbox/testkit';
import { subjects } from '../subjects.ts';

const bedrock = await createProvider(providerBedrock, { region: 'eu-central-1', apiKey: 'a-key-of-nobody' });

/** Amazon's Converse: no client speaks it. */
export const converse: Format = bedrock.format;

/** Every format that a provider speaks, in all its dialects. */
export const providerFormats: readonly Format[] = [
  ...subjects.flatMap(({ format, dialects }) => [format, ...dialects]),
  converse,
];
