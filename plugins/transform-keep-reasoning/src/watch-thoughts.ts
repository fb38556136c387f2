import type { EventWatcher } from '@signalbox/kit';
import type { Origins } from './origins.ts';
import { MAX_READ } from './thought-key.ts';

/** Writes down whose the reasoning of one reply is: of each block, and of all in one, as formats with one field give it. */
export function watchThoughts(origins: Origins, principal: string, provider: string): EventWatcher {
  let open: string | undefined;
  let all = '';
  let blocks = 0;
  let origin: string | undefined;
  return (event) => {
    switch (event.type) {
      case 'block-start':
        if (event.block.type === 'reasoning') open = '';
        return;
      case 'reasoning-delta':
        if (open !== undefined && open.length < MAX_READ) open += event.text;
        return;
      case 'signature':
        ({ origin } = event.state);
        return;
      case 'block-end':
        if (open === undefined) return;
        if (open !== '') blocks++;
        origins.keep(principal, open, { provider, origin });
        if (all.length < MAX_READ) all += open;
        open = undefined;
        return;
      case 'message-end':
        if (blocks > 1) origins.keep(principal, all, { provider, origin });
        return;
      case 'error':
        // What came of a thought that broke off is in the client's history all the same.
        if (open !== undefined) origins.keep(principal, open, { provider, origin });
    }
  };
}
