import { definePlugin, mapEvents, type StreamEvent, Type } from '@signalbox/kit';

/** Leaves reasoning blocks out of every answer, for clients that would show them to people who should not see them. */
export default definePlugin({
  name: 'hide-reasoning',
  configSchema: Type.Object(
    {
      models: Type.Optional(
        Type.Array(Type.String(), { description: 'Only for requests for these models. Default: all.' }),
      ),
    },
    { additionalProperties: false },
  ),
  apply({ hooks }, { models }) {
    hooks.transformOut.tap('hide-reasoning', (reply, exchange) => {
      if (models !== undefined && !models.includes(exchange.model)) return reply;
      return mapEvents(reply, withoutReasoning);
    });
  },
});

/** The state of one reply: which blocks are left out, and so how far later ones move up. */
function withoutReasoning(): (event: StreamEvent) => StreamEvent | undefined {
  let hidden = 0;
  let hiding = false;
  return (event) => {
    if (event.type === 'block-start') hiding = event.block.type === 'reasoning';
    if (!('index' in event)) return event;
    if (!hiding) return hidden === 0 ? event : { ...event, index: event.index - hidden };
    if (event.type === 'block-end') hidden++;
    return undefined;
  };
}
