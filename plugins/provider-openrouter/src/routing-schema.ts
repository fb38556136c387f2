import { Type } from '@signalbox/kit';

const slugs = (description: string) => Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description }));
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const amount = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }));

const percentiles = (description: string) =>
  Type.Optional(
    Type.Union(
      [
        Type.Number({ minimum: 0 }),
        Type.Object(
          {
            p50: amount('At the percentile 50.'),
            p75: amount('At the percentile 75.'),
            p90: amount('At the percentile 90.'),
            p99: amount('At the percentile 99.'),
          },
          { additionalProperties: false },
        ),
      ],
      { description },
    ),
  );

const SORTS = ['price', 'throughput', 'latency', 'exacto'] as const;
const QUANTIZATIONS = [
  'int4',
  'int8',
  'fp4',
  'mxfp4',
  'nvfp4',
  'fp6',
  'fp8',
  'mxfp8',
  'fp16',
  'bf16',
  'fp32',
  'unknown',
] as const;

/** OpenRouter's `provider` object, in its own spelling: it is sent as it stands. */
export const routingSchema = Type.Object(
  {
    order: slugs('Endpoints to try first, in this order. Ends load balancing and cache stickiness.'),
    allow_fallbacks: flag('`false`: fail where the first choice cannot answer. OpenRouter’s default: true.'),
    require_parameters: flag('Only endpoints that support every parameter sent. OpenRouter’s default: false.'),
    data_collection: Type.Optional(
      Type.Enum(['allow', 'deny'], { description: '`deny` leaves out endpoints that may keep or train on prompts.' }),
    ),
    zdr: flag('Only endpoints that retain no data.'),
    enforce_distillable_text: flag('Only models whose licence allows training on their output.'),
    only: slugs('Endpoints to use, no others.'),
    ignore: slugs('Endpoints never to use.'),
    quantizations: Type.Optional(
      Type.Array(Type.Enum([...QUANTIZATIONS]), { description: 'Only these number formats.' }),
    ),
    sort: Type.Optional(
      Type.Union(
        [
          Type.Enum([...SORTS]),
          Type.Object(
            {
              by: Type.Enum([...SORTS], { description: 'What to rank by.' }),
              partition: Type.Optional(
                Type.Enum(['model', 'none'], { description: '`none` sorts across all fallback models together.' }),
              ),
            },
            { additionalProperties: false },
          ),
        ],
        { description: 'What to rank endpoints by, in place of load balancing.' },
      ),
    ),
    preferred_min_throughput: percentiles('Tokens per second to prefer, as a number or by percentile.'),
    preferred_max_latency: percentiles('Seconds to the first token to prefer, as a number or by percentile.'),
    max_price: Type.Optional(
      Type.Object(
        {
          prompt: amount('USD per million prompt tokens.'),
          completion: amount('USD per million completion tokens.'),
          request: amount('USD per request.'),
          image: amount('USD per image.'),
          audio: amount('USD per unit of audio.'),
        },
        { additionalProperties: false, description: 'Never pay more than this.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'OpenRouter’s routing preferences, in its own spelling.' },
);
