/* How two values compare. Private to lib/form. */
#ifndef ANAMNESIS_FORM_VALUE_ORDER_H
#define ANAMNESIS_FORM_VALUE_ORDER_H

/* The left value against the right one. Unknown: their precision or their units differ, or they are not of
 * kinds that are compared; then neither "less" nor "more" nor "the same" holds. */
enum value_order { VALUE_LESS, VALUE_SAME, VALUE_MORE, VALUE_UNKNOWN };

#endif
