-- Apart from the guards of the ledger's tables, for this is a reference table. Nothing of a book ever changes.
create trigger book_is_final before update or delete or truncate on book
  for each statement execute function refuse_change();
