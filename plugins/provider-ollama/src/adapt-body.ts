import { compilePattern, type JsonObject, type JsonValue, type ProviderCall } from '@signalbox/kit';
import { type Catalogue, fullName } from './catalogue.ts';
import type { OllamaConfig } from './config.ts';
import { type ContextWindows, refuseOverflow } from './context-window.ts';
import { denseTokens } from './dense-tokens.ts';
import { fitThinking } from './fit-thinking.ts';
import { withoutImages } from './without-images.ts';

/** Options that load the model anew, or take the host's memory: not for clients to say. */
const LOAD_OPTIONS = ['num_gpu', 'main_gpu', 'num_batch', 'num_thread', 'use_mmap', 'use_mlock', 'draft_num_predict'];

/**
 * What every body gets before it is sent: a window that fits the prompt, and no permission to cut the prompt, which Ollama
 * would do without a word.
 * @throws {SignalboxError} CONTEXT_OVERFLOW, from the function that it gives.
 */
export function adapterFor(
  config: OllamaConfig,
  catalogue: Catalogue,
  windows: ContextWindows,
): (body: JsonObject, call: ProviderCall) => JsonObject {
  const patterns = config.thinkingLevels.map(compilePattern);
  const hasLevels = (model: string): boolean => patterns.some((pattern) => pattern.fits(model));
  const { keepAlive } = config;
  return (body, call) => {
    const known = catalogue.get(call.model);
    const options = allowedOptions(body.options, config.loadOptions, call);
    // A client of Ollama's own may ask for the cutting: then it is not silent.
    const truncate = body.truncate === true;
    const numCtx = windowFor({ ...body, options }, truncate);
    const sighted = known?.info.capabilities?.images === false ? withoutImages(body, call.notes) : body;
    const thinking = fitThinking(body.think, call, {
      reasons: known?.info.capabilities?.reasoning,
      hasLevels: hasLevels(call.model),
      unsaid: config.thinkingUnsaid,
    });
    const { think: _, ...rest } = sighted;
    return {
      ...rest,
      stream: call.stream,
      ...(thinking === undefined ? {} : { think: thinking }),
      options: { ...options, num_ctx: numCtx },
      truncate,
      shift: body.shift === true,
      ...(keepAlive === undefined || body.keep_alive !== undefined ? {} : { keep_alive: keepAlive }),
    };

    function windowFor(sent: JsonObject & { options: JsonObject }, mayTruncate: boolean): number {
      const limit = smallest(known?.info.contextTokens, config.maxNumCtx);
      const promptTokens = mayTruncate ? 0 : call.estimatePromptTokens();
      if (config.numCtx !== undefined) {
        const fixed = smallest(config.numCtx, limit) ?? config.numCtx;
        refuseOverflow(promptTokens, fixed);
        return fixed;
      }
      const asked = positive(sent.options.num_ctx);
      if (mayTruncate && asked !== undefined) return smallest(asked, limit) ?? asked;
      const size = windows.sizeFor({
        model: fullName(call.model),
        promptTokens,
        denseTokens: mayTruncate ? 0 : denseTokens(sent),
        maxOutputTokens: positive(sent.options.num_predict),
        asked,
        usual: known?.numCtx,
        limit,
      });
      if (asked !== undefined && size !== asked) {
        call.notes.add('options.num_ctx', 'approximated', `${asked} is sent as ${size}`);
      }
      return size;
    }
  };
}

function allowedOptions(value: JsonValue | undefined, loadOptions: boolean, { notes }: ProviderCall): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  if (loadOptions) return value;
  const options: JsonObject = { ...value };
  for (const key of LOAD_OPTIONS) {
    if (options[key] === undefined) continue;
    delete options[key];
    notes.add(`options.${key}`, 'dropped', 'how a model is loaded is the operator’s to say');
  }
  return options;
}

function smallest(...sizes: readonly (number | undefined)[]): number | undefined {
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function positive(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
