export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts environment variables into a string: `${VAR}` and `${VAR:-default}`. `$${` stands for a literal `${`.
 * `missing` is told each variable that is unset (or empty) and has no default.
 */
export function expandEnvironment(text: string, env: Environment, missing: (name: string) => void): string {
  if (!text.includes('${')) return text;
  return text.replace(/\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (whole, escaped, name, fallback) => {
    if (escaped !== undefined) return '${';
    const value = env[name as string];
    if (value !== undefined && value !== '') return value;
    if (fallback !== undefined) return fallback as string;
    missing(name as string);
    return whole as string;
  });
}
