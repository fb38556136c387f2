const commonOptions = `
Options:
  -c, --config FILE   config to use (default: $SIGNALBOX_CONFIG, ./signalbox.jsonc,
                      ~/.config/signalbox/signalbox.jsonc, else made from the environment)
  -p, --port PORT     port instead of the config's; 0 takes a free one
      --host HOST     address instead of the config's
  -h, --help          show this help
  -v, --version       show the version
`;

export const generalHelp = `Signalbox: one endpoint for coding agents and SDKs, any provider behind it

Usage: signalbox [options] COMMAND [arguments]

Commands:
  start      run the gateway
  code       run Claude Code through the gateway; what follows goes to Claude Code
  check      check the config and its plugins, without listening
  plugins    list the plugins and who taps which hook, in order
  env        print the variables that point clients at the gateway
  init       write a config for the keys in the environment
  schema     print the JSON schema of the config
${commonOptions}
signalbox COMMAND --help says more about a command.
`;

const texts: Readonly<Record<string, string>> = {
  start: `Usage: signalbox start [options]

Runs the gateway until SIGINT or SIGTERM. Answers in flight are finished first; a second signal ends at once.
${commonOptions}`,
  code: `Usage: signalbox [options] code [arguments of Claude Code]

Runs Claude Code through the gateway. A gateway that answers at the configured address is used; else one is started on
a free port and ends with Claude Code, and its log goes to a file. Everything after "code" is Claude Code's: options of
Signalbox stand before it, as in: signalbox --config work.jsonc code -p "hello"

Environment:
  SIGNALBOX_CLAUDE    the program to run instead of "claude"
  SIGNALBOX_API_KEY   the key to use where the gateway asks for one
${commonOptions}`,
  check: `Usage: signalbox check [options]

Reads the config, loads and starts its plugins, and ends. Exit code 0 if all is well; else 1, with one problem per line.
${commonOptions}`,
  plugins: `Usage: signalbox plugins [options]

Lists the plugins in the order of the config, then who taps each hook in the order in which they run.
${commonOptions}`,
  env: `Usage: signalbox env [options]

Prints the variables that point Claude Code and the Anthropic and OpenAI SDKs at the gateway:
  eval "$(signalbox env)"

Options:
      --shell SHELL   sh (default), fish or powershell

Environment:
  SIGNALBOX_API_KEY   the key to use where the gateway asks for one
${commonOptions.replace('\nOptions:\n', '')}`,
  init: `Usage: signalbox init [options] [FILE]

Writes a commented config (default: ./signalbox.jsonc) for the keys in the environment. It refers to them by name.

Options:
  -f, --force         overwrite the file
${commonOptions.replace('\nOptions:\n', '')}`,
  schema: `Usage: signalbox schema

Prints the JSON schema of the config, for editors. Options of the plugins are in their own schemas.
${commonOptions}`,
};

export function commandHelp(command: string): string {
  return texts[command] ?? generalHelp;
}
