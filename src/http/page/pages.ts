/** The pages that there are, each as the text of a document. */
import { errorPage as errorPageOf, type ErrorPageProps } from "./error_page.ts";
import { documentOf } from "./markup.ts";
import { searchPage as searchPageOf, type SearchPageProps } from "./search_page.ts";

/** The page of a search, or of the shelf. */
export const searchPage = (props: SearchPageProps): string => documentOf(searchPageOf(props));

/** The page for somebody who got none of what they asked for. */
export const errorPage = (props: ErrorPageProps): string => documentOf(errorPageOf(props));
