const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!;

/**
 * How many bytes a view has, whatever a property of its own, or of its class, says.
 *
 * @param view - The view. One whose buffer was transferred has 0.
 */
export function lengthOf(view: Uint8Array): number {
  // Looking at an element tells V8 of what kind the view is, so that it asks the getter without a call.
  view[0];
  return get!.call(view);
}

/**
 * The same of several views.
 *
 * @param views - The views.
 */
export function totalLength(views: readonly Uint8Array[]): number {
  let total = 0;
  for (const view of views) total += lengthOf(view);
  return total;
}
