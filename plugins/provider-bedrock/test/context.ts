import { Notes, type TargetContext, ToolNames } from '@signalbox/kit';

export interface TestTarget extends TargetContext {
  readonly enforced: string[];
}

export function testTarget(model = 'anthropic.claude-sonnet-4-5-20250929-v1:0'): TestTarget {
  const enforced: string[] = [];
  return {
    model,
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: 'bedrock',
    enforced,
    enforceStopSequences: (sequences) => void enforced.push(...sequences),
  };
}
