"""The numbers of a Bell game: pure functions of counts, computable offline from any export."""
