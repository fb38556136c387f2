import type { JsonObject, JsonValue, Notes } from '@signalbox/kit';

/** The body for a model that sees nothing: a text says where an image was, as the whole request would fail. */
export function withoutImages(body: JsonObject, notes: Notes): JsonObject {
  let changed = withoutOwn(body, 'prompt', 'images', notes);
  const { messages } = body;
  if (Array.isArray(messages) && messages.some(hasImages)) {
    changed = {
      ...changed,
      messages: messages.map((message, index) =>
        hasImages(message) ? withoutOwn(message, 'content', `messages[${index}].images`, notes) : message,
      ),
    };
  }
  return changed;
}

function hasImages(value: JsonValue): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Array.isArray(value.images) &&
    value.images.length > 0
  );
}

function withoutOwn(holder: JsonObject, textKey: string, path: string, notes: Notes): JsonObject {
  if (!hasImages(holder)) return holder;
  const { images: _, ...rest } = holder;
  notes.add(path, 'dropped', 'the model takes no images');
  const said = typeof rest[textKey] === 'string' ? rest[textKey] : '';
  const placeholder = '[An image was here, which this model cannot see.]';
  return { ...rest, [textKey]: said === '' ? placeholder : `${said}\n\n${placeholder}` };
}
