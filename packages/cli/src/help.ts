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
  models     list the models with context, price and abilities
  explain    say what would happen to a request, and why
  env        print the variables that point clients at the gateway
  init       write a config for the keys in the environment
  schema     print the JSON schema of the config
${commonOptions}
signalbox COMMAND --help says more about a command.
`;

const texts: Readonly<Record<string, string>> = {
  start: `Usage: signalbox start [options]

Runs the gateway until SIGINT or SIGTERM. Answers in flight are finished first; a second signal ends at once.
When the config or a plugin file changes, it is loaded again without cutting an answer; a bad change is reported and
changes nothing. SIGHUP does so at once; with --workers it restarts one worker after the other.

Options:
      --workers N     run N processes on one port; "auto" takes one for each processor
      --no-watch      do not look whether files have changed
${commonOptions.replace('\nOptions:\n', '')}`,
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
  models: `Usage: signalbox models [options] [FILTER]

Lists the models that the config can reach: a FILTER is a part of the name, or a pattern with "*". Prices are in USD per
million tokens; "-" is not known, which is not free.

Options:
      --provider NAME       only those of this provider
      --capability ABILITY  only those that have it: images, documents, tools, reasoning, structured, search, prefill
      --max-price USD       only those of which no million tokens costs more, in or out
      --json                print JSON
      --refresh             ask the providers for their lists first
${commonOptions.replace('\nOptions:\n', '')}`,
  explain: `Usage: signalbox explain [options] [FILE]

Says what the gateway would do with a request, without calling a provider: what each routing plugin says, the targets in
order, what each would cost, and what would be lost on the way. Reads a client's request body, or a recorded request with
"path", "headers" and "body", from FILE or standard input:
  signalbox explain < request.json

Options:
      --path PATH   where the client sends it, as in /v1/messages; told by its shape otherwise
      --model NAME  its model, where the body does not say it, and no path is given
      --json        print JSON, with the requests that providers would get
${commonOptions.replace('\nOptions:\n', '')}`,
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
