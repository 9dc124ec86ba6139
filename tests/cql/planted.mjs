// Edits of the library, each of which the comparison has to notice. What stands
// first must be in the text exactly as written, or the list is out of date.
export const PLANTED = [
  ['a threshold one step higher', '"is at least"("temperature", 38 \'Cel\')', '"is at least"("temperature", 38.1 \'Cel\')'],
  ['a threshold one millilitre higher', '"is at least"("post_void_residual", 200 \'mL\')', '"is at least"("post_void_residual", 201 \'mL\')'],
  ['an age one year higher', '"is at least"("age", 18 \'a\')', '"is at least"("age", 19 \'a\')'],
  ['another word', '"saddle_numbness" = \'new\'', '"saddle_numbness" = \'longstanding\''],
  ['a line of an exclusion left out', '  and ("urinary_retention" = \'absent\' or "urinary_retention" = \'longstanding\')\n', ''],
  ['any instead of all', '"red_flags/cauda_equina when" and not', '"red_flags/cauda_equina when" or not'],
  ['an unknown word taken for a word', 'if given in words then given else null', 'if given in words then given else First(words)'],
  ['an open end taken for a closed one', ' or (possible.high = limit and not possible.highClosed)', ''],
  ['unknown taken for false', 'Count(items I where I is not false return all 1) < wanted', 'Count(items I where I is true return all 1) < wanted'],
  ['a test that is always needed', 'if given is null and needed is false then clear else given', 'given'],
  ['nothing settles', '"settled rank" > "at least rank"', 'false'],
  ['open counts as excluded', 'where C.state != \'excluded\' return all C.tier', 'where C.state = \'raised\' return all C.tier'],
  ['a reassuring disposition that does not wait', 'and not ("could still lead" and', 'and not (false and'],
  ['another first step leads', 'Coalesce(Min("every concern" C', 'Coalesce(Max("every concern" C'],
  ['what is assumed, turned round', '"fever_attributed_elsewhere given", {\'absent\', \'present\'}), \'absent\')', '"fever_attributed_elsewhere given", {\'absent\', \'present\'}), \'present\')'],
];
