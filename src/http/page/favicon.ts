/** Three books on a shelf. */
export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#8c2f39"/>
<path fill="#fff" d="M7 7h5v16H7z"/><path fill="#f2c879" d="M13.5 10h4.5v13h-4.5z"/>
<path fill="#fff" d="m19.2 9.6 4.6-1.3 4 14.4-4.6 1.3z"/><path fill="#f2c879" d="M5 25h22v2H5z"/>
</svg>
`;
