/** The mark of the product: a small gate with its keyhole. */
export function Gate() {
  return (
    <svg class="gate" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" class="gate-wall" />
      <path d="M8 26V14a8 8 0 0 1 16 0v12" class="gate-arch" />
      <path d="M16 16a2.4 2.4 0 0 1 1.2 4.5V24h-2.4v-3.5A2.4 2.4 0 0 1 16 16z" class="gate-hole" />
    </svg>
  );
}
