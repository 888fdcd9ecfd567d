import { Socket } from "node:net";
import { usage } from "./failure.ts";

/** Names the descriptor of a pipe whose other end the parent holds. */
export const PARENT_FD_VARIABLE = "ISTHMUS_PARENT_FD";

export interface Parent {
  /** What to do when the parent has died; replaces what was said before. */
  onGone(act: () => void): void;
}

/**
 * Watches for the end of the process that started this one, also by kill -9: the kernel closes its end of the pipe.
 * Without the variable there is no such parent. The variable is taken out of `env`, so that no child inherits a
 * descriptor number that means something else there.
 */
export function watchParent(env: NodeJS.ProcessEnv, exit: () => void): Parent {
  let act = exit;
  const parent: Parent = {
    onGone: (replacement) => {
      act = replacement;
    },
  };
  const text = env[PARENT_FD_VARIABLE];
  if (text === undefined) return parent;
  delete env[PARENT_FD_VARIABLE];
  const pipe = openPipe(text);
  let gone = false;
  const end = (): void => {
    if (gone) return;
    gone = true;
    act();
  };
  pipe.on("end", end);
  pipe.on("close", end);
  // A broken pipe is a parent that is gone: `close` follows.
  pipe.on("error", end);
  pipe.resume();
  pipe.unref();
  return parent;
}

function openPipe(text: string): Socket {
  const fd = Number(text);
  if (!Number.isSafeInteger(fd) || fd < 3)
    throw usage(`${PARENT_FD_VARIABLE}=${text} is no descriptor; unset it`);
  try {
    return new Socket({ fd, readable: true, writable: false });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw usage(`${PARENT_FD_VARIABLE}=${text} is no pipe (${why}); unset it`);
  }
}
