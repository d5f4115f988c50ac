// CPU profile of the exchange around a measured stretch, by the inspector's protocol.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

type Listed = { webSocketDebuggerUrl: string };

/** Profiles the process behind an inspector port while `work` runs; writes a `.cpuprofile`. */
export async function profiled<T>(port: number, file: string, work: () => Promise<T>): Promise<T> {
  const listed = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as Listed[];
  const socket = new WebSocket(listed[0]?.webSocketDebuggerUrl ?? '');
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  let lastId = 0;
  const call = (method: string, params: object = {}): Promise<{ profile?: unknown }> => {
    const id = ++lastId;
    return new Promise((resolve) => {
      const hear = ({ data }: MessageEvent): void => {
        const message = JSON.parse(String(data)) as { id?: number; result?: { profile?: unknown } };
        if (message.id !== id) return;
        socket.removeEventListener('message', hear);
        resolve(message.result ?? {});
      };
      socket.addEventListener('message', hear);
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  await call('Profiler.enable');
  await call('Profiler.setSamplingInterval', { interval: 1000 });
  await call('Profiler.start');
  try {
    return await work();
  } finally {
    const { profile } = await call('Profiler.stop');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(profile));
    socket.close();
  }
}
