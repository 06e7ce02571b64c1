//! Random operations, crashes among them, against a model of what must be so
//! afterwards. `BANTO_TEST_SEED` replays a run.

mod world;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use world::World;

const OPERATIONS: usize = 300;

#[tokio::test]
async fn any_order_of_operations_and_crashes_keeps_what_was_acknowledged() {
    let seed = std::env::var("BANTO_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| rand::rng().random());
    println!("BANTO_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::new().await;
    for number in 0..OPERATIONS {
        // Dice of its own for each operation: how often one throws them moves no other.
        let mut dice = StdRng::seed_from_u64(random.random());
        let operation = random.random_range(0..100);
        print!("{number}: ");
        match operation {
            0..30 => world.send(&mut dice).await,
            30..38 => world.send_again(&mut dice).await,
            38..42 => world.reuse_an_id(&mut dice).await,
            42..54 => world.cancel(&mut dice).await,
            54..66 => world.regenerate(&mut dice).await,
            66..70 => world.create().await,
            70..76 => world.rename(&mut dice).await,
            76..83 => world.fork(&mut dice).await,
            83..87 => world.delete(&mut dice).await,
            87..94 => world.wait(&mut dice).await,
            94..97 => world.restart(&mut dice).await,
            _ => world.crash_in_a_send(&mut dice).await,
        }
        world.check().await;
    }
    world.finish().await;
}
