//! What keeps its order.

/// The places of the most numbers that rise in the order they stand in.
pub(crate) fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    // The last place of a rising row of each length, and what stands before each place.
    let mut tails: Vec<usize> = Vec::new();
    let mut before = vec![None; numbers.len()];
    for (place, number) in numbers.iter().enumerate() {
        let length = tails.partition_point(|tail| numbers[*tail] < *number);
        before[place] = length.checked_sub(1).map(|shorter| tails[shorter]);
        if length == tails.len() {
            tails.push(place);
        } else {
            tails[length] = place;
        }
    }
    let mut rising = Vec::new();
    let mut at = tails.last().copied();
    while let Some(place) = at {
        rising.push(place);
        at = before[place];
    }
    rising.reverse();
    rising
}

#[cfg(test)]
mod tests {
    use super::longest_rising;

    #[test]
    fn as_few_as_possible_are_left_out() {
        assert_eq!(longest_rising(&[3, 0, 1, 2]), [1, 2, 3]);
        assert_eq!(longest_rising(&[2, 0, 1]), [1, 2]);
        assert_eq!(longest_rising(&[]), []);
    }
}
