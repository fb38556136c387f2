export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = String.raw`\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}`;
const VARIABLES = new RegExp(String.raw`\$(\$\{)|${VARIABLE}`, 'g');
const ONE_VARIABLE = new RegExp(`^${VARIABLE}$`);

/** What a text is that is a reference and nothing else, as a pattern: such a text may stand for a number, too. */
export const referencePattern: string = ONE_VARIABLE.source;

export function isReference(text: string): boolean {
  return ONE_VARIABLE.test(text);
}

/**
 * Puts environment variables into a string: `${VAR}` and `${VAR:-default}`. `$${` stands for a literal `${`.
 * `missing` is told each variable that is unset (or empty) and has no default.
 */
export function expandEnvironment(text: string, env: Environment, missing: (name: string) => void): string {
  if (!text.includes('${')) return text;
  return text.replace(VARIABLES, (whole, escaped, name, fallback) => {
    if (escaped !== undefined) return '${';
    const value = env[name as string];
    if (value !== undefined && value !== '') return value;
    if (fallback !== undefined) return fallback as string;
    missing(name as string);
    return whole as string;
  });
}
