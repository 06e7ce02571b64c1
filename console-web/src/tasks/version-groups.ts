import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type TaskVersion, TaskVersionCause } from "../gen/banto/v1/tasks_pb";

/** Versions that a person wrote in one go, the newest first. Never empty. */
export interface VersionGroup {
  readonly newest: TaskVersion;
  readonly oldest: TaskVersion;
  readonly versions: readonly TaskVersion[];
}

/** Longer than this between two saves, and somebody has done something else. */
const burstMs = 5 * 60_000;

/**
 * Groups versions, the newest first, for reading: while somebody writes, each
 * pause makes one. Whatever is not plain writing stands by itself.
 */
export function groupVersions(versions: readonly TaskVersion[]): readonly VersionGroup[] {
  const groups: VersionGroup[] = [];
  for (const version of versions) {
    const last = groups.at(-1);
    if (last !== undefined && sameBurst(last.oldest, version)) {
      groups[groups.length - 1] = { ...last, oldest: version, versions: [...last.versions, version] };
    } else {
      groups.push({ newest: version, oldest: version, versions: [version] });
    }
  }
  return groups;
}

function sameBurst(later: TaskVersion, earlier: TaskVersion): boolean {
  return (
    later.cause === TaskVersionCause.EDITED &&
    earlier.cause === TaskVersionCause.EDITED &&
    later.author === earlier.author &&
    later.createdAt !== undefined &&
    earlier.createdAt !== undefined &&
    timestampMs(later.createdAt) - timestampMs(earlier.createdAt) <= burstMs
  );
}
