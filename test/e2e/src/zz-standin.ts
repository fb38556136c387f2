import { openaiChat, compatibleDialect } from '@signalbox/format-openai-chat';
import { defineProvider, Type } from '@signalbox/kit';
const mk = (id: string, d: any) => defineProvider({ id, configSchema: Type.Object({ name: Type.String(), baseUrl: Type.String(), apiKey: Type.String(), format: Type.Optional(Type.String()) }), create: (o: any) => ({ format: openaiChat.with(d), reasoningOrigin: o.name, endpoint: () => ({ url: `${o.baseUrl.replace(/\/v1$/, '')}/v1/chat/completions`, headers: { authorization: `Bearer ${o.apiKey}` } }) }) as any });
export const compatible = mk('compatible', compatibleDialect);
export const deepseek = mk('deepseek', { ...compatibleDialect, reasoningReplay: 'always', thinking: 'thinking', images: false, documents: 'none' });
