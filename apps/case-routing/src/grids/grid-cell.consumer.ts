import { GridCellRecord } from '@govbus/contracts';
import { Handles, Inbox } from '@govbus/messaging';
import { Changes, keepNewest } from '@govbus/platform';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { GridCell } from './grid-cell.entity';
import { gridChanged } from './grids.service';

@Controller()
export class GridCellConsumer {
  constructor(private readonly inbox: Inbox) {}

  @Handles(GridCellRecord)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(GridCellRecord, message, async ({ data }, tx) => {
      const changed = await keepNewest(GridCell, data, tx);
      if (changed) await Changes.notify(gridChanged, data.gridId, tx);
    });
  }
}
