/**
 * Runs `task` before the next frame is drawn. A hidden page draws none, but its
 * title has to change, so there it is a timer.
 */
export function onNextFrame(task: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(task, 250);
    return () => clearTimeout(timer);
  }
  let done = false;
  const run = () => {
    if (!done) {
      done = true;
      clearTimeout(timer);
      task();
    }
  };
  const frame = requestAnimationFrame(run);
  // The page may be hidden before the frame comes.
  const timer = setTimeout(run, 500);
  return () => {
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
