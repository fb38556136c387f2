import { get } from 'node:http';

/** A gateway on this machine answers at once, or is none. */
const ANSWER_WITHIN_MS = 1_000;

/** Whether a Signalbox answers at `url`. */
export function isGateway(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/health`, { agent: false, timeout: ANSWER_WITHIN_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        // Whoever else listens there may have much to say.
        if (body.length > 65_536) request.destroy();
      });
      response.on('end', () => resolve(response.statusCode === 200 && isHealth(body)));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => resolve(false));
  });
}

function isHealth(body: string): boolean {
  try {
    const health: unknown = JSON.parse(body);
    return typeof health === 'object' && health !== null && 'name' in health && health.name === 'signalbox';
  } catch {
    return false;
  }
}
