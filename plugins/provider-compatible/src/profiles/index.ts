import { azureOpenai, azureOpenaiClassic } from './azure-openai.ts';
import { glm, glmCoding } from './glm.ts';
import { groq } from './groq.ts';
import { llamaCpp } from './llama-cpp.ts';
import { lmStudio } from './lm-studio.ts';
import { mistral } from './mistral.ts';
import { moonshot } from './moonshot.ts';
import type { Profile } from './profile.ts';
import { qwen } from './qwen.ts';
import { vllm } from './vllm.ts';
import { xai } from './xai.ts';

export type { ModelRule, Profile } from './profile.ts';

/** All servers that are known by name. */
export const profiles: readonly Profile[] = [
  groq,
  mistral,
  xai,
  moonshot,
  glm,
  glmCoding,
  qwen,
  azureOpenai,
  azureOpenaiClassic,
  lmStudio,
  vllm,
  llamaCpp,
];

export const profileIds: readonly string[] = profiles.map(({ id }) => id);

export function profileOf(id: string | undefined): Profile | undefined {
  return profiles.find((profile) => profile.id === id);
}
