// The load generator, a process of its own: takes one job at a time from its parent and answers with its result.
import { publish, type PublishJob } from './publish.ts';
import { pull, type PullJob } from './pull.ts';
import { openLoop, type OpenLoopJob, receive, type ReceiveJob } from './webhooks.ts';

export type Job = PublishJob | PullJob | ReceiveJob | OpenLoopJob;

const run = (job: Job): Promise<unknown> => {
  switch (job.kind) {
    case 'publish':
      return publish(job);
    case 'pull':
      return pull(job);
    case 'receive':
      return receive();
    case 'open-loop':
      return openLoop(job);
  }
};

process.on('message', (job: Job) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
