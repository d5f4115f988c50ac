// Loaded into an exchange that is a process of its own (`exchange-process.shared.spec.ts`).
import 'reflect-metadata';
import { Changes } from '@govbus/platform';

// As `Exchange.start` does: on a busy machine a process may not hear for a second, and refuses meanwhile.
Object.defineProperty(Changes.prototype, 'heardAgeMs', { get: () => 0 });
