// The entry to the products of one instruction set in one precision: with the epilogue's pointers as
// values of the precision, and only where it asks for more than a bias. Included after product_template.h.

static void NAME(product)(size_t m, size_t n, size_t k, const REAL *a, size_t a_row, size_t a_col,
                          const REAL *b, size_t b_row, size_t b_col, const plumb_epilogue *parts,
                          REAL *c, size_t c_row) {
  if (parts == NULL) {
    NAME(multiply_matrices)(m, n, k, a, a_row, a_col, b, b_row, b_col, NULL, NULL, c, c_row);
    return;
  }
  if (parts->b_column_sums) NAME(sum_rows)(k, n, b, b_row, parts->b_column_sums);
  const struct NAME(epilogue) epilogue = {
      .scale = (REAL)parts->scale,
      .skip = parts->skip,
      .skip_row = parts->skip_row,
      .relu = parts->relu,
      .gate = parts->gate,
      .gate_row = parts->gate_row,
      .scaled = parts->scaled,
      .scaled_row = parts->scaled_row,
      .scaled_by = (REAL)parts->scaled_by,
  };
  const bool asks_more = parts->scale != 1 || parts->skip || parts->relu || parts->gate || parts->scaled;
  NAME(multiply_matrices)(m, n, k, a, a_row, a_col, b, b_row, b_col, parts->bias,
                          asks_more ? &epilogue : NULL, c, c_row);
}
