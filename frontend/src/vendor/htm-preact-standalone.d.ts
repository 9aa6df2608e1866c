/** Types for the part of htm/preact/standalone that the tab uses. Written for this project; not part of htm. */
export type Child = object | string | number | boolean | null | undefined;
export type Children = Child | Child[];
export interface Ref<T> {
  current: T;
}
export type Cleanup = () => void;

export function h(type: unknown, props?: object | null, ...children: unknown[]): object;
export function html(strings: TemplateStringsArray, ...values: unknown[]): object;
export function render(tree: unknown, parent: Element): void;

export function useState<S>(initial: S | (() => S)): [S, (next: S | ((previous: S) => S)) => void];
export function useReducer<S, A>(reducer: (state: S, action: A) => S, initial: S): [S, (action: A) => void];
export function useEffect(effect: () => void | Cleanup, inputs?: readonly unknown[]): void;
export function useLayoutEffect(effect: () => void | Cleanup, inputs?: readonly unknown[]): void;
export function useRef<T>(initial: T): Ref<T>;
export function useMemo<T>(make: () => T, inputs?: readonly unknown[]): T;
export function useCallback<F extends (...values: never[]) => unknown>(callback: F, inputs: readonly unknown[]): F;
export function useErrorBoundary(callback?: (error: unknown) => void): [unknown, () => void];

export interface Context<T> {
  Provider: (props: { value: T; children?: Children }) => object;
}
export function createContext<T>(initial: T): Context<T>;
export function useContext<T>(context: Context<T>): T;
