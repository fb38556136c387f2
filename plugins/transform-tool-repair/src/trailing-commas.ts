/** JSON without the commas that stand before a closing bracket; those inside strings stay. */
export function withoutTrailingCommas(json: string): string {
  let out = '';
  let from = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === ',' && /^\s*[}\]]/.test(json.slice(at + 1, at + 1 + MAX_GAP))) {
      out += json.slice(from, at);
      from = at + 1;
    }
  }
  return from === 0 ? json : out + json.slice(from);
}

/** White space between the comma and the bracket that is looked at. */
const MAX_GAP = 200;
